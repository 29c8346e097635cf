/* SPDX-License-Identifier: MIT */
/* The smallest server on OpenSSL, as programs in C have it: tls_server PORT CERTIFICATE KEY. A thread a connection;
 * its session tickets leave at the end of SSL_accept, as OpenSSL does it by itself. GET /wait/MS answers after so long. */
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char whole_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone";
static const char wait_path[] = "GET /wait/";

static SSL_CTX *context;

static void wait_ms(long ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) < 0)
		continue;
}

/* One request, which fits into one record. False at the end of the connection. */
static bool answer(SSL *ssl)
{
	char request[4096];
	int len = SSL_read(ssl, request, sizeof request - 1);

	if (len <= 0)
		return false;
	request[len] = '\0';
	if (strncmp(request, wait_path, strlen(wait_path)) == 0)
		wait_ms(atol(request + strlen(wait_path)));
	return SSL_write(ssl, whole_answer, sizeof whole_answer - 1) > 0;
}

static void *serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	SSL *ssl = SSL_new(context);

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		while (answer(ssl))
			continue;
		(void)SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(fd);
	return NULL;
}

static int listen_on(const char *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
		listen(fd, 512) < 0) {
		perror("listen");
		exit(1);
	}
	return fd;
}

int main(int argc, char *argv[])
{
	int listener, fd;

	if (argc != 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	context = SSL_CTX_new(TLS_server_method());
	if (SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 ||
		SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1)
		return 1;
	listener = listen_on(argv[1]);
	puts("ready");
	fflush(stdout);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) != 0)
			return 1;
		pthread_detach(thread);
	}
	return 1;
}
