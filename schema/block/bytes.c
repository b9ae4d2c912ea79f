/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/block/bytes.h"

#include <string.h>

#include "base/memory.h"

uint8_t *bytes_room(struct bytes_out *out, size_t size)
{
	out->data = memory_grown(out->data, &out->capacity, out->size + size, 1);
	return out->data + out->size;
}

void bytes_took(struct bytes_out *out, size_t size)
{
	out->size += size;
}

void bytes_put(struct bytes_out *out, const void *bytes, size_t size)
{
	if (size == 0)
		return;
	memcpy(bytes_room(out, size), bytes, size);
	bytes_took(out, size);
}

void bytes_put_byte(struct bytes_out *out, uint8_t byte)
{
	bytes_put(out, &byte, 1);
}

void bytes_put_number(struct bytes_out *out, uint64_t number)
{
	while (number > 0x7f) {
		bytes_put_byte(out, (uint8_t)(number | 0x80));
		number >>= 7;
	}
	bytes_put_byte(out, (uint8_t)number);
}

const uint8_t *bytes_get(struct bytes_in *in, size_t size)
{
	const uint8_t *bytes = in->at;

	if (size > (size_t)(in->end - in->at))
		return NULL;
	in->at += size;
	return bytes;
}

bool bytes_get_byte(struct bytes_in *in, uint8_t *byte)
{
	if (in->at == in->end)
		return false;
	*byte = *in->at++;
	return true;
}

bool bytes_get_number(struct bytes_in *in, uint64_t *number)
{
	uint8_t byte;

	*number = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (!bytes_get_byte(in, &byte) || (shift == 63 && byte > 1))
			return false;
		*number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte <= 0x7f)
			return true;
	}
	return false;
}
