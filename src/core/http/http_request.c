/* SPDX-License-Identifier: MIT */
#include "core/http/http_request.h"

#include <string.h>
#include <strings.h>

/* Real probes send about ten. */
#define FIELDS_MAX 100

/* Bytes of the caller's buffer; never terminated. */
struct span {
	const char *start;
	size_t len;
};

/* What the field lines have said so far. */
struct fields {
	unsigned count;
	bool has_host;
	bool has_content_length;
	bool says_close;
	bool says_keep_alive;
	int openmetrics_weight, text_weight; /* in thousandths; 0: not acceptable */
};

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 9110 5.6.2 */
static bool is_token_char(char c)
{
	return is_alphanumeric(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_visible_char(char c)
{
	return c > ' ' && c < 0x7F;
}

/* RFC 3986 3.2.2 and 3.2.3: host names, addresses, brackets, a port. */
static bool is_host_char(char c)
{
	return is_alphanumeric(c) || (c != '\0' && strchr("-._~%!$&'()*+,;=:[]", c) != NULL);
}

/* RFC 9110 5.5: anything but control characters; bytes past ASCII are opaque. */
static bool is_field_char(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte == '\t' || (byte >= ' ' && byte != 0x7F);
}

static bool span_is_all(struct span span, bool (*is_allowed)(char))
{
	for (size_t i = 0; i < span.len; i++) {
		if (!is_allowed(span.start[i]))
			return false;
	}
	return true;
}

static bool span_equals(struct span span, const char *string)
{
	return span.len == strlen(string) && memcmp(span.start, string, span.len) == 0;
}

static bool span_equals_nocase(struct span span, const char *string)
{
	return span.len == strlen(string) && strncasecmp(span.start, string, span.len) == 0;
}

static bool span_starts_nocase(struct span span, const char *string)
{
	return span.len >= strlen(string) && strncasecmp(span.start, string, strlen(string)) == 0;
}

static struct span span_skip(struct span span, size_t len)
{
	return (struct span){span.start + len, span.len - len};
}

static struct span span_trim(struct span span)
{
	while (span.len > 0 && (span.start[0] == ' ' || span.start[0] == '\t'))
		span = span_skip(span, 1);
	while (span.len > 0 &&
		(span.start[span.len - 1] == ' ' || span.start[span.len - 1] == '\t'))
		span.len--;
	return span;
}

/* Where c is first found, or the span's length. */
static size_t span_find(struct span span, char c)
{
	const char *found = memchr(span.start, c, span.len);

	return found != NULL ? (size_t)(found - span.start) : span.len;
}

/* Splits what stands before the first delimiter off rest. False, and all of rest taken, when there
 * is no delimiter. */
static bool take_until(struct span *rest, char delimiter, struct span *ret_part)
{
	size_t len = span_find(*rest, delimiter);
	bool is_found = len < rest->len;

	*ret_part = (struct span){rest->start, len};
	*rest = span_skip(*rest, is_found ? len + 1 : len);
	return is_found;
}

/* Takes a line off rest, without its CRLF. Returns 1, 0 when its end has not come yet, or -400. A
 * CR elsewhere in the line is found by the readers of its parts: none of them allows it. */
static int take_line(struct span *rest, struct span *ret_line)
{
	struct span after = *rest;
	struct span line;

	if (!take_until(&after, '\n', &line))
		return 0;
	if (line.len == 0 || line.start[line.len - 1] != '\r')
		return -400;
	line.len--;
	*ret_line = line;
	*rest = after;
	return 1;
}

/* The path of an origin-form or absolute-form target (RFC 9112 3.2.1 and 3.2.2), without its query.
 * An absolute form without a path means "/"; one without a host means nothing. */
static bool parse_target(struct span target, struct span *ret_path)
{
	struct span path;
	size_t scheme_len = 0, host_len;

	(void)take_until(&target, '?', &path);
	if (span_starts_nocase(path, "http://"))
		scheme_len = strlen("http://");
	else if (span_starts_nocase(path, "https://"))
		scheme_len = strlen("https://");
	if (scheme_len > 0) {
		path = span_skip(path, scheme_len);
		host_len = span_find(path, '/');
		if (host_len == 0)
			return false;
		path = span_skip(path, host_len);
		if (path.len == 0)
			path = (struct span){"/", 1};
	}
	if (!span_starts_nocase(path, "/"))
		return false;
	*ret_path = path;
	return true;
}

static int parse_version(struct span version, bool *ret_is_1_0)
{
	const char *digits = version.start + strlen("HTTP/");

	if (version.len != strlen("HTTP/1.1") || memcmp(version.start, "HTTP/", 5) != 0 ||
		digits[0] < '0' || digits[0] > '9' || digits[1] != '.' || digits[2] < '0' ||
		digits[2] > '9')
		return -400;
	if (digits[0] != '1')
		return -505;
	*ret_is_1_0 = digits[2] == '0';
	return 0;
}

static int parse_request_line(struct span line, struct http_request *request, bool *ret_is_1_0)
{
	struct span method, target, path;

	if (!take_until(&line, ' ', &method) || method.len == 0 ||
		!span_is_all(method, is_token_char))
		return -400;
	if (!take_until(&line, ' ', &target) || target.len == 0 ||
		!span_is_all(target, is_visible_char))
		return -400;
	if (span_equals(method, "GET"))
		request->method = HTTP_GET;
	else if (span_equals(method, "HEAD"))
		request->method = HTTP_HEAD;
	else if (span_equals(method, "OPTIONS"))
		request->method = HTTP_OPTIONS;
	else
		request->method = HTTP_OTHER;

	/* The targets of OPTIONS (*) and CONNECT (host:port) need not be paths; only a method that
	 * we know depends on what its target is. */
	path = target;
	if (request->method != HTTP_OTHER &&
		!(request->method == HTTP_OPTIONS && span_equals(target, "*")) &&
		!parse_target(target, &path))
		return -400;
	request->path = path.start;
	request->path_len = path.len;
	return parse_version(line, ret_is_1_0);
}

/* Any digit but 0 means that there is a body, however long the number is. */
static int parse_content_length(struct span value)
{
	bool has_body = false;

	if (value.len == 0)
		return -400;
	for (size_t i = 0; i < value.len; i++) {
		if (value.start[i] < '0' || value.start[i] > '9')
			return -400;
		has_body |= value.start[i] != '0';
	}
	return has_body ? -413 : 0;
}

static void parse_connection(struct span value, struct fields *fields)
{
	struct span option;

	do {
		(void)take_until(&value, ',', &option);
		option = span_trim(option);
		fields->says_close |= span_equals_nocase(option, "close");
		fields->says_keep_alive |= span_equals_nocase(option, "keep-alive");
	} while (value.len > 0);
}

/* 1, 0.5 or 0.075 in thousandths; what is none counts as 0. */
static int parse_weight(struct span value)
{
	int weight, unit = 100;

	if (value.len == 0 || (value.start[0] != '0' && value.start[0] != '1'))
		return 0;
	weight = value.start[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < value.len && value.start[i] >= '0' && value.start[i] <= '9'; i++) {
		weight += (value.start[i] - '0') * unit;
		unit /= 10;
	}
	return weight < 1000 ? weight : 1000;
}

/* One range of an Accept header, with its parameters. Another version of OpenMetrics is not ours. */
static void parse_media_range(struct span range, struct fields *fields)
{
	struct span type, parameter;
	int weight = 1000, *known;
	bool is_version_ours = true;

	(void)take_until(&range, ';', &type);
	type = span_trim(type);
	while (range.len > 0) {
		(void)take_until(&range, ';', &parameter);
		parameter = span_trim(parameter);
		if (span_starts_nocase(parameter, "q="))
			weight = parse_weight(span_skip(parameter, 2));
		else if (span_starts_nocase(parameter, "version="))
			is_version_ours = span_equals(span_skip(parameter, 8), "1.0.0");
	}
	if (span_equals_nocase(type, "application/openmetrics-text") && is_version_ours)
		known = &fields->openmetrics_weight;
	else if (span_equals_nocase(type, "text/plain") || span_equals_nocase(type, "text/*"))
		known = &fields->text_weight;
	else
		return;
	if (weight > *known)
		*known = weight;
}

static void parse_accept(struct span value, struct fields *fields)
{
	struct span range;

	while (value.len > 0) {
		(void)take_until(&value, ',', &range);
		parse_media_range(range, fields);
	}
}

/* A folded line begins with a space, and a space before the colon ends up in the name: neither is
 * a token. */
static int parse_field(struct span line, struct fields *fields)
{
	struct span name;

	if (++fields->count > FIELDS_MAX)
		return -431;
	if (!take_until(&line, ':', &name) || name.len == 0 || !span_is_all(name, is_token_char))
		return -400;
	line = span_trim(line);
	if (!span_is_all(line, is_field_char))
		return -400;
	if (span_equals_nocase(name, "Host")) {
		if (fields->has_host || !span_is_all(line, is_host_char))
			return -400;
		fields->has_host = true;
	} else if (span_equals_nocase(name, "Content-Length")) {
		if (fields->has_content_length)
			return -400;
		fields->has_content_length = true;
		return parse_content_length(line);
	} else if (span_equals_nocase(name, "Transfer-Encoding")) {
		return -501;
	} else if (span_equals_nocase(name, "Connection")) {
		parse_connection(line, fields);
	} else if (span_equals_nocase(name, "Accept")) {
		parse_accept(line, fields);
	}
	return 0;
}

/* Whether an unfinished first line can still become a request. What speaks TLS, or no HTTP at all,
 * learns it at once and not at its deadline. */
static int check_unfinished_request_line(struct span line)
{
	struct span method;

	if (line.len == 1 && line.start[0] == '\r')
		return 0;
	(void)take_until(&line, ' ', &method);
	return span_is_all(method, is_token_char) ? 0 : -400;
}

/* The request line, and the empty line that may stand before it. Returns as take_line does. */
static int take_request_line(struct span *rest, struct http_request *request, bool *ret_is_1_0)
{
	struct span line;
	int result = take_line(rest, &line);

	if (result > 0 && line.len == 0)
		result = take_line(rest, &line);
	if (result == 0)
		return check_unfinished_request_line(*rest);
	if (result > 0) {
		int error = parse_request_line(line, request, ret_is_1_0);
		if (error < 0)
			return error;
	}
	return result;
}

/* The field lines and the empty line that ends them. Returns as take_line does. */
static int take_fields(struct span *rest, struct fields *fields)
{
	struct span line;
	int result;

	while ((result = take_line(rest, &line)) > 0 && line.len > 0) {
		int error = parse_field(line, fields);
		if (error < 0)
			return error;
	}
	return result;
}

int http_request_parse(const char *buf, size_t len, struct http_request *ret_request)
{
	bool is_full = len >= HTTP_REQUEST_MAX_BYTES;
	struct span rest = {buf, is_full ? HTTP_REQUEST_MAX_BYTES : len};
	struct http_request request = {0};
	struct fields fields = {0};
	bool is_1_0 = false;
	int result;

	result = take_request_line(&rest, &request, &is_1_0);
	if (result == 0)
		return is_full ? -414 : 0;
	if (result > 0)
		result = take_fields(&rest, &fields);
	if (result == 0)
		return is_full ? -431 : 0;
	if (result < 0)
		return result;
	if (!is_1_0 && !fields.has_host)
		return -400;
	request.keep_alive = !fields.says_close && (!is_1_0 || fields.says_keep_alive);
	request.accepts_openmetrics =
		fields.openmetrics_weight > 0 && fields.openmetrics_weight >= fields.text_weight;
	*ret_request = request;
	return (int)(rest.start - buf);
}
