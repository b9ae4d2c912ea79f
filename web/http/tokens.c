/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/base64.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { TOKENS_MAX = 1024, LINE_MAX_BYTES = 1024 };

struct token {
	enum right right;
	uint8_t hash[SHA256_DIGEST_SIZE];
};

struct tokens {
	struct token *all;
	size_t count;
	size_t capacity;
	enum right anonymous;
};

static void hash_of(uint8_t hash[SHA256_DIGEST_SIZE], const char *token)
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, strlen(token), (const uint8_t *)token);
	sha256_digest(&context, SHA256_DIGEST_SIZE, hash);
}

static enum right right_named(const char *word)
{
	static const char *const words[RIGHT_COUNT] = {
		[RIGHT_NONE] = "none", [RIGHT_READ] = "read", [RIGHT_UPLOAD] = "upload", [RIGHT_ADMIN] = "admin"};

	for (unsigned right = RIGHT_READ; right < RIGHT_COUNT; right++)
		if (strcmp(words[right], word) == 0)
			return (enum right)right;
	return RIGHT_NONE;
}

/* Takes one line; returns NULL, or what is wrong with it. */
static const char *take_line(struct tokens *tokens, char *line)
{
	static const char spaces[] = " \t\r\n";
	char *rest = NULL;
	char *word = strtok_r(line, spaces, &rest);
	char *token = strtok_r(NULL, spaces, &rest);
	struct token *added;

	if (!word || *word == '#')
		return NULL;
	if (!token || strtok_r(NULL, spaces, &rest))
		return "has not two words: 'read', 'upload' or 'admin', and a token";
	if (strcmp(word, "anonymous") == 0 && strcmp(token, "read") == 0) {
		tokens->anonymous = RIGHT_READ;
		return NULL;
	}
	if (right_named(word) == RIGHT_NONE)
		return "begins with none of 'read', 'upload', 'admin', 'anonymous read'";
	if (strlen(token) < TOKEN_MIN)
		return "has a token of less than 16 characters, take one from 'openssl rand -hex 24'";
	if (strlen(token) > TOKEN_MAX || tokens->count == TOKENS_MAX)
		return "has a token of more than 512 characters, or is one of more than 1024";
	tokens->all = memory_grown(tokens->all, &tokens->capacity, tokens->count + 1, sizeof(tokens->all[0]));
	added = &tokens->all[tokens->count++];
	added->right = right_named(word);
	hash_of(added->hash, token);
	return NULL;
}

static enum err take_file(struct tokens *tokens, FILE *stream, const char *file, struct error *error)
{
	char line[LINE_MAX_BYTES];
	unsigned number = 0;

	while (fgets(line, sizeof(line), stream)) {
		const char *why = NULL;

		number++;
		why = strlen(line) == sizeof(line) - 1 ? "is too long" : take_line(tokens, line);
		if (why)
			return error_set(error, ERR_INPUT, "token file '%s': line %u %s", file, number, why);
	}
	if (ferror(stream))
		return error_set(error, ERR_SYSTEM, "cannot read token file '%s': %s", file, strerror(errno));
	return ERR_OK;
}

enum err tokens_read(struct tokens **result, const char *file, struct error *error)
{
	struct tokens *tokens = memory_zeroed(sizeof(*tokens));
	enum err err = ERR_OK;
	FILE *stream = fopen(file, "re");
	struct stat about;

	if (!stream || fstat(fileno(stream), &about) != 0)
		err = error_set(error, ERR_SYSTEM, "cannot open token file '%s': %s", file, strerror(errno));
	else if (about.st_mode & (S_IRWXG | S_IRWXO))
		err = error_set(error, ERR_INPUT,
			"token file '%s' is open to others than its owner, call 'chmod 600' on it", file);
	if (err == ERR_OK)
		err = take_file(tokens, stream, file, error);
	if (err == ERR_OK && tokens->count == 0 && tokens->anonymous == RIGHT_NONE)
		err = error_set(error, ERR_INPUT, "token file '%s' holds no token, add a line 'admin TOKEN'", file);
	if (stream)
		fclose(stream);
	if (err == ERR_OK)
		*result = tokens;
	else
		tokens_free(tokens);
	return err;
}

void tokens_free(struct tokens *tokens)
{
	if (!tokens)
		return;
	free(tokens->all);
	free(tokens);
}

/* The password of "user:password" in base64, into `token`. */
static bool basic_password(char token[TOKEN_MAX + 1], const char *base64)
{
	uint8_t decoded[BASE64_DECODE_LENGTH(2 * TOKEN_MAX) + 1];
	struct base64_decode_ctx context;
	size_t size = sizeof(decoded) - 1;
	const char *colon;

	if (strlen(base64) > 2 * TOKEN_MAX)
		return false;
	base64_decode_init(&context);
	if (!base64_decode_update(&context, &size, decoded, strlen(base64), base64) || !base64_decode_final(&context))
		return false;
	decoded[size] = '\0';
	colon = strchr((const char *)decoded, ':');
	if (!colon || strlen(colon + 1) > TOKEN_MAX)
		return false;
	memcpy(token, colon + 1, strlen(colon + 1) + 1);
	return true;
}

static bool token_in(char token[TOKEN_MAX + 1], const char *authorization)
{
	size_t word = strcspn(authorization, " ");
	const char *rest = authorization + word + strspn(authorization + word, " ");

	if (word == 5 && strncasecmp(authorization, "Basic", word) == 0)
		return basic_password(token, rest);
	if (word != 6 || strncasecmp(authorization, "Bearer", word) != 0 || strlen(rest) > TOKEN_MAX)
		return false;
	memcpy(token, rest, strlen(rest) + 1);
	return true;
}

bool tokens_right(const struct tokens *tokens, const char *authorization, enum right *right)
{
	char token[TOKEN_MAX + 1];
	uint8_t hash[SHA256_DIGEST_SIZE];
	bool known = false;

	*right = tokens->anonymous;
	if (!authorization)
		return true;
	if (!token_in(token, authorization))
		return false;
	hash_of(hash, token);
	for (size_t i = 0; i < tokens->count; i++) {
		if (!memeql_sec(hash, tokens->all[i].hash, sizeof(hash)))
			continue;
		known = true;
		if (tokens->all[i].right > *right)
			*right = tokens->all[i].right;
	}
	return known;
}
