/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/visits.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

enum { VISIT = 60000, PREFIX6 = 8 };

/* Whoever has one address of IPv6 has a whole /64 of them. What is no address has a bucket with all others of its kind.
 */
static void key_of(const char *remote, unsigned char key[VISITS_KEY])
{
	static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	struct in_addr four;
	struct in6_addr six;

	memset(key, 0, VISITS_KEY);
	if (remote && inet_pton(AF_INET, remote, &four) == 1) {
		memcpy(key, mapped, sizeof(mapped));
		memcpy(key + sizeof(mapped), &four, sizeof(four));
	} else if (remote && inet_pton(AF_INET6, remote, &six) == 1) {
		bool is_mapped = memcmp(&six, mapped, sizeof(mapped)) == 0;

		memcpy(key, &six, is_mapped ? VISITS_KEY : PREFIX6);
	}
}

static struct visits_bucket *bucket_of(struct visits *visits, const char *remote, unsigned a_minute)
{
	struct visits_bucket *oldest = &visits->buckets[0];
	unsigned char key[VISITS_KEY];

	key_of(remote, key);
	for (size_t i = 0; i < VISITS_MAX; i++) {
		struct visits_bucket *bucket = &visits->buckets[i];

		if (bucket->at_ms && memcmp(bucket->key, key, sizeof(key)) == 0)
			return bucket;
		if (bucket->at_ms < oldest->at_ms)
			oldest = bucket;
	}
	memcpy(oldest->key, key, sizeof(key));
	oldest->at_ms = 0;
	oldest->saved = (uint64_t)a_minute * VISIT;
	return oldest;
}

unsigned visits_take(struct visits *visits, const char *remote, unsigned a_minute, uint64_t now_ms)
{
	struct visits_bucket *bucket = bucket_of(visits, remote, a_minute);
	uint64_t most = (uint64_t)a_minute * VISIT;
	uint64_t away_ms = bucket->at_ms ? now_ms - bucket->at_ms : 0;

	/* As much fills any bucket, and keeps the product small. */
	if (away_ms > VISIT)
		away_ms = VISIT;
	bucket->saved += away_ms * a_minute;
	if (bucket->saved > most)
		bucket->saved = most;
	bucket->at_ms = now_ms;
	if (bucket->saved >= VISIT) {
		bucket->saved -= VISIT;
		return 0;
	}
	return (unsigned)((VISIT - bucket->saved) / a_minute / 1000 + 1);
}
