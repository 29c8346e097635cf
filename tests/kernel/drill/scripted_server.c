/* SPDX-License-Identifier: MIT */
#include "scripted_server.h"

#include "drill/core/body_pattern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE_BYTES 700 /* of a chunk; no divisor of the body */
#define MAX_DESCRIPTORS 20000
#define STACK_BYTES (256 * 1024) /* of a connection's thread */

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* One connection, in a thread of its own: blocking, and so as simple as its script. */
struct connection {
	int fd;
	SSL *tls;
	char request[4096];
	size_t request_len;
	unsigned requests;
};

struct script {
	char framing[16], end[16], extra[16];
	int number;
	bool is_second;
};

static SSL_CTX *tls_context;
static volatile sig_atomic_t is_open[MAX_DESCRIPTORS];

static void close_connections(int signal)
{
	(void)signal;
	for (int fd = 0; fd < MAX_DESCRIPTORS; fd++) {
		if (is_open[fd])
			(void)shutdown(fd, SHUT_RDWR); /* its thread reads the end */
	}
}

static bool write_all(struct connection *connection, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = connection->tls != NULL
				       ? SSL_write(connection->tls, bytes, (int)len)
				       : send(connection->fd, bytes, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool write_text(struct connection *connection, const char *text)
{
	return write_all(connection, text, strlen(text));
}

static ssize_t receive(struct connection *connection, char *buf, size_t cap)
{
	return connection->tls != NULL ? SSL_read(connection->tls, buf, (int)cap)
				       : recv(connection->fd, buf, cap, 0);
}

/* The body of an upload, as far as it did not come with the head: false unless it is the one that the
 * drill sends. */
static bool read_upload(struct connection *connection, const char *body)
{
	const char *field = strstr(connection->request, "Content-Length: ");
	size_t wanted = field != NULL ? strtoul(field + strlen("Content-Length: "), NULL, 10) : 0;
	size_t have = connection->request_len - (size_t)(body - connection->request);
	struct body_check check;
	char buf[4096];

	body_check_start(&check, BODY_NUMBERED, NULL, 0);
	if (!body_check_bytes(&check, body, have))
		return false;
	while (have < wanted) {
		ssize_t got = receive(connection, buf, sizeof buf);

		if (got <= 0 || !body_check_bytes(&check, buf, (size_t)got))
			return false;
		have += (size_t)got;
	}
	return have == wanted;
}

/* Returns false at the client's end, or where it is not what the drill should send. */
static bool read_request(struct connection *connection)
{
	char *end = NULL;

	connection->request_len = 0;
	while (end == NULL) {
		ssize_t got = receive(connection, connection->request + connection->request_len,
			sizeof connection->request - 1 - connection->request_len);

		if (got <= 0)
			return false;
		connection->request_len += (size_t)got;
		connection->request[connection->request_len] = '\0';
		end = strstr(connection->request, "\r\n\r\n");
	}
	connection->requests++;
	return strstr(connection->request, " /early/") != NULL || read_upload(connection, end + 4);
}

static bool write_head(struct connection *connection, const char *framing)
{
	char head[256];

	snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nX-Filler: some\r\n%s\r\n",
		strcmp(framing, "length") == 0    ? "Content-Length: 1800\r\n"
		: strcmp(framing, "chunked") == 0 ? "Transfer-Encoding: chunked\r\n"
						  : "");
	return write_text(connection, head);
}

/* So many bytes of the body, and what makes it whole when they are all. */
static bool write_body(struct connection *connection, const char *framing, size_t bytes,
	bool is_wrong, int pause_ms)
{
	bool is_chunked = strcmp(framing, "chunked") == 0;
	char body[SCRIPTED_BODY_BYTES], size[16];

	body_pattern_write_numbered(body, sizeof body, 17);
	if (is_wrong)
		body[bytes - 1] ^= 1;
	for (size_t at = 0; at < bytes; at += PIECE_BYTES) {
		size_t piece = bytes - at < PIECE_BYTES ? bytes - at : PIECE_BYTES;

		snprintf(size, sizeof size, "%zx\r\n", piece);
		if (pause_ms > 0)
			(void)poll(NULL, 0, pause_ms);
		if ((is_chunked && !write_text(connection, size)) ||
			!write_all(connection, body + at, piece) ||
			(is_chunked && !write_text(connection, "\r\n")))
			return false;
	}
	return !is_chunked || bytes < SCRIPTED_BODY_BYTES || write_text(connection, "0\r\n\r\n");
}

/* So many bytes with their length, in pieces; each answer has a number of its own if it varies. */
static bool write_large(struct connection *connection, size_t bytes, bool varies)
{
	static _Atomic unsigned answers;
	char *body = malloc(bytes), head[128];
	bool is_written;

	snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", bytes);
	body_pattern_write_numbered(body, bytes, varies ? answers++ : 17);
	is_written = write_text(connection, head) && write_all(connection, body, bytes);
	free(body);
	return is_written;
}

static bool write_status(struct connection *connection, const struct script *script)
{
	char answer[256];

	snprintf(answer, sizeof answer, "HTTP/1.1 %d Status\r\n%sContent-Length: 5\r\n\r\nsorry",
		script->number,
		strcmp(script->extra, "retry") == 0     ? "Retry-After: 1\r\n"
		: strcmp(script->extra, "goodbye") == 0 ? "Connection: close\r\n"
							: "");
	return write_text(connection, answer);
}

static bool answer(struct connection *connection, const struct script *script)
{
	const char *framing = script->framing;
	bool is_paced = strcmp(framing, "paced") == 0, is_wrong = !strcmp(script->extra, "wrong");

	if (strcmp(framing, "none") == 0 || (strcmp(framing, "early") == 0 && script->number == 0))
		return true;
	if (strcmp(framing, "garbage") == 0)
		return write_text(connection, "SSH-2.0-OpenSSH_9.2\r\n");
	if (strcmp(framing, "status") == 0 || strcmp(framing, "early") == 0)
		return write_status(connection, script);
	if (strcmp(framing, "large") == 0 || strcmp(framing, "varying") == 0)
		return write_large(
			connection, (size_t)script->number, strcmp(framing, "varying") == 0);
	if (strcmp(framing, "slow") == 0)
		(void)poll(NULL, 0, script->number);
	if (is_paced || strcmp(framing, "slow") == 0) {
		framing = is_paced ? "chunked" : "length";
		return write_head(connection, framing) &&
		       write_body(connection, framing, SCRIPTED_BODY_BYTES, false,
			       is_paced ? script->number : 0);
	}
	/* In one piece with what is before it: the client may be gone when another one comes. */
	if (strcmp(script->extra, "surplus") == 0)
		return write_text(connection,
			"HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n00000017:00000000\nmore");
	return write_head(connection, framing) &&
	       write_body(connection, framing, (size_t)script->number, is_wrong, 0);
}

/* Returns whether the connection goes on. */
static bool play(struct connection *connection, const struct script *script)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	if (!answer(connection, script))
		return false;
	if (strcmp(script->end, "silent") == 0) {
		struct pollfd gone = {.fd = connection->fd, .events = POLLRDHUP};

		(void)poll(&gone, 1, -1);
		return false;
	}
	if (strcmp(script->end, "bye") == 0)
		(void)SSL_shutdown(connection->tls);
	if (strcmp(script->end, "reset") == 0)
		setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	return strcmp(script->end, "keep") == 0;
}

static struct script read_script(const struct connection *connection)
{
	static const char second[] = "/second";
	struct script script = {.number = 0};
	const char *path = strchr(connection->request, '/');

	if (strncmp(path, second, sizeof second - 1) == 0) {
		script.is_second = true;
		path += sizeof second - 1;
	}
	if (sscanf(path, "/%15[a-z]/%d/%15[a-z]/%15[a-z]", script.framing, &script.number,
		    script.end, script.extra) < 3)
		fail(connection->request);
	return script;
}

static void *serve(void *arg)
{
	static const struct script well = {.framing = "slow", .end = "keep"};
	struct connection *connection = arg;
	bool goes_on = true;

	if (tls_context != NULL) {
		connection->tls = SSL_new(tls_context);
		SSL_set_fd(connection->tls, connection->fd);
		goes_on = SSL_accept(connection->tls) == 1;
	}
	while (goes_on && read_request(connection)) {
		struct script script = read_script(connection);

		goes_on = play(connection,
			script.is_second && connection->requests == 1 ? &well : &script);
	}
	SSL_free(connection->tls); /* no close_notify: it ends as a killed process does */
	is_open[connection->fd] = 0;
	close(connection->fd);
	free(connection);
	return NULL;
}

static void accept_all(int listener)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	for (;;) {
		struct connection *connection = calloc(1, sizeof *connection);
		pthread_t thread;

		connection->fd = accept(listener, NULL, NULL);
		if (connection->fd < 0 && errno == EINTR) {
			free(connection);
			continue;
		}
		if (connection->fd < 0 || connection->fd >= MAX_DESCRIPTORS)
			fail("accept");
		is_open[connection->fd] = 1;
		setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		if (pthread_create(&thread, &attributes, serve, connection) != 0)
			fail("pthread_create");
	}
}

static void load_certificate(const char *folder)
{
	char path[256];

	tls_context = SSL_CTX_new(TLS_server_method());
	snprintf(path, sizeof path, "%s/cert.pem", folder);
	if (SSL_CTX_use_certificate_file(tls_context, path, SSL_FILETYPE_PEM) != 1)
		fail(path);
	snprintf(path, sizeof path, "%s/key.pem", folder);
	if (SSL_CTX_use_PrivateKey_file(tls_context, path, SSL_FILETYPE_PEM) != 1)
		fail(path);
}

int scripted_listen(int backlog, uint16_t *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, backlog) < 0 ||
		getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		fail("listen");
	*ret_port = ntohs(address.sin_port);
	return fd;
}

void scripted_server_start(struct scripted_server *server, const char *folder)
{
	struct rlimit limit;
	int listener = scripted_listen(4096, &server->port);

	server->pid = fork();
	if (server->pid < 0)
		fail("fork");
	if (server->pid > 0) {
		close(listener);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
	signal(SIGUSR1, close_connections);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (folder != NULL)
		load_certificate(folder);
	accept_all(listener);
	_exit(0);
}

void scripted_server_stop(struct scripted_server *server)
{
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
}
