/* SPDX-License-Identifier: MIT */
#include "drill/load/transport.h"

#include "sys/fd.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_SOURCES 250 /* 127.0.0.1 to 127.0.0.250 */

/* The first one is the kernel's own choice: nothing is bound where it need not be. */
static int bind_source(int fd, const struct source_address *source)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + source->next),
	};

	if (source->next == 0)
		return 0;
	/* The port is chosen by connect(2), which knows that the same one serves several servers. */
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int)) < 0 ||
		bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	return 0;
}

/* A unix socket's queue is full (EAGAIN) or its name is gone (ENOENT): the same as a refused connection. */
static int connect_error(const struct target *target)
{
	if (target->address.ss_family == AF_UNIX && errno == EAGAIN)
		return -ETIMEDOUT;
	if (target->address.ss_family == AF_UNIX && errno == ENOENT)
		return -ECONNREFUSED;
	return -errno;
}

/* Returns a descriptor whose connection is there or on its way, or -errno. */
static int connect_once(
	const struct target *target, const struct source_address *source, int receive_buffer)
{
	fd_cleanup int fd =
		socket(target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -errno;
	/* an unprivileged process may do so since Linux 5.7; where it may not, the routes decide */
	if (target->interface[0] != '\0')
		(void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, target->interface,
			(socklen_t)strlen(target->interface));
	result = bind_source(fd, source);
	if (result < 0)
		return result;
	/* Before connecting: the window that is offered follows from it. Neither can fail here. */
	if (receive_buffer > 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (connect(fd, (const struct sockaddr *)&target->address, target->address_len) < 0 &&
		errno != EINPROGRESS)
		return connect_error(target);
	return fd_steal(&fd);
}

int transport_connect(struct transport *transport, const struct target *target,
	struct source_address *source, int receive_buffer)
{
	bool has_more_sources = target->address.ss_family == AF_INET && target_is_loopback(target);
	int fd = connect_once(target, source, receive_buffer);

	while (fd == -EADDRNOTAVAIL && has_more_sources && source->next + 1 < MAX_SOURCES) {
		source->next++;
		fd = connect_once(target, source, receive_buffer);
	}
	*transport = (struct transport){.fd = fd < 0 ? -1 : fd};
	return fd < 0 ? fd : 0;
}

int transport_connect_result(const struct transport *transport)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(transport->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

static ssize_t send_plain(struct transport *transport, const void *bytes, size_t len)
{
	ssize_t sent = send(transport->fd, bytes, len, MSG_NOSIGNAL);

	if (sent < 0) {
		transport->was_reset |= errno == ECONNRESET;
		return -errno;
	}
	transport->sent_bytes += sent;
	return sent;
}

static ssize_t receive_plain(struct transport *transport, void *buf, size_t cap)
{
	ssize_t received = recv(transport->fd, buf, cap, 0);

	if (received < 0)
		return -errno;
	if (received == 0 && transport->was_reset)
		return -ECONNRESET;
	transport->received_bytes += received;
	return received;
}

/* What TLS reads and writes goes through the same two functions: its own would raise SIGPIPE, and would
 * neither count bytes nor keep the error. */
static int bio_write(BIO *bio, const char *bytes, int len)
{
	struct transport *transport = BIO_get_data(bio);
	ssize_t sent = send_plain(transport, bytes, (size_t)len);

	BIO_clear_retry_flags(bio);
	if (sent >= 0)
		return (int)sent;
	transport->error = (int)-sent;
	if (sent == -EAGAIN)
		BIO_set_retry_write(bio);
	return -1;
}

static int bio_read(BIO *bio, char *buf, int cap)
{
	struct transport *transport = BIO_get_data(bio);
	ssize_t received = receive_plain(transport, buf, (size_t)cap);

	BIO_clear_retry_flags(bio);
	transport->error = 0;
	if (received >= 0) {
		if (received == 0)
			transport->ended_unsaid = true; /* unless TLS has said it before */
		return (int)received;
	}
	transport->error = (int)-received;
	if (received == -EAGAIN)
		BIO_set_retry_read(bio);
	return -1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH; /* which is done by every write */
}

static BIO_METHOD *bio_method(void)
{
	static BIO_METHOD *method;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "drill");
		if (method == NULL)
			return NULL;
		(void)BIO_meth_set_write(method, bio_write);
		(void)BIO_meth_set_read(method, bio_read);
		(void)BIO_meth_set_ctrl(method, bio_control);
	}
	return method;
}

static bool is_numeric(const struct target_url *url)
{
	struct in_addr address;

	return url->has_ipv6_host || inet_pton(AF_INET, url->host, &address) == 1;
}

/* The name or address in the certificate; a name is sent to the server, too (SNI). */
static bool expect_host(SSL *tls, const struct target_url *url)
{
	if (is_numeric(url))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), url->host);
	return SSL_set1_host(tls, url->host) && SSL_set_tlsext_host_name(tls, url->host);
}

/* What is spoken over TLS, in the form of RFC 7301. Without it servers speak HTTP/1.1. */
static bool offer_http2(SSL *tls)
{
	static const unsigned char protocols[] = {2, 'h', '2'};

	return SSL_set_alpn_protos(tls, protocols, sizeof protocols) == 0; /* which is success */
}

static bool agreed_on_http2(const SSL *tls)
{
	const unsigned char *name = NULL;
	unsigned len = 0;

	SSL_get0_alpn_selected(tls, &name, &len);
	return len == 2 && memcmp(name, "h2", 2) == 0;
}

static int start_tls(struct transport *transport, const struct target *target, bool for_http2)
{
	SSL *tls = SSL_new(target->tls);
	BIO *bio = tls != NULL && bio_method() != NULL ? BIO_new(bio_method()) : NULL;

	if (bio == NULL || !expect_host(tls, &target->url) || (for_http2 && !offer_http2(tls))) {
		BIO_free(bio);
		SSL_free(tls);
		return -ENOMEM;
	}
	BIO_set_data(bio, transport);
	BIO_set_init(bio, 1);
	SSL_set_bio(tls, bio, bio); /* which is the session's from here on */
	SSL_set_connect_state(tls);
	transport->tls = tls;
	return 0;
}

/* Why a call of TLS did not do what it was to. Returns -EAGAIN, -ENODATA at the server's end, or -errno. */
static int tls_error(struct transport *transport, int result)
{
	int reason = SSL_get_error(transport->tls, result);

	transport->wants_write = reason == SSL_ERROR_WANT_WRITE;
	if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	if (reason == SSL_ERROR_ZERO_RETURN) {
		transport->ended_unsaid = false;
		return -ENODATA;
	}
	if (transport->ended_unsaid)
		return -ENODATA;
	if (transport->error != 0 && transport->error != EAGAIN)
		return -transport->error;
	transport->tls_reason = ERR_reason_error_string(ERR_peek_error());
	return transport->was_reset ? -ECONNRESET : -EBADMSG;
}

int transport_handshake(struct transport *transport, const struct target *target, bool for_http2)
{
	int result;

	if (target->tls == NULL)
		return 0;
	if (transport->tls == NULL) {
		result = start_tls(transport, target, for_http2);
		if (result < 0)
			return result;
	}
	ERR_clear_error();
	transport->error = 0;
	result = SSL_do_handshake(transport->tls);
	if (result == 1)
		return for_http2 && !agreed_on_http2(transport->tls) ? -EPROTONOSUPPORT : 0;
	result = tls_error(transport, result);
	if (result == -EBADMSG && SSL_get_verify_result(transport->tls) != X509_V_OK) {
		transport->tls_reason =
			X509_verify_cert_error_string(SSL_get_verify_result(transport->tls));
		return -EKEYREJECTED;
	}
	return result;
}

ssize_t transport_send(struct transport *transport, const char *bytes, size_t len)
{
	size_t sent;

	if (transport->tls == NULL)
		return send_plain(transport, bytes, len);
	ERR_clear_error();
	transport->error = 0;
	if (SSL_write_ex(transport->tls, bytes, len, &sent))
		return (ssize_t)sent;
	return tls_error(transport, 0);
}

ssize_t transport_receive(struct transport *transport, char *buf, size_t cap)
{
	size_t received;
	int result;

	if (transport->tls == NULL)
		return receive_plain(transport, buf, cap);
	ERR_clear_error();
	transport->error = 0;
	if (SSL_read_ex(transport->tls, buf, cap, &received))
		return (ssize_t)received;
	result = tls_error(transport, 0);
	return result == -ENODATA ? 0 : result;
}

int64_t transport_acknowledged_bytes(const struct transport *transport)
{
	struct tcp_info info = {.tcpi_bytes_acked = 0};
	socklen_t len = sizeof info;

	if (getsockopt(transport->fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return errno == EOPNOTSUPP ? transport->sent_bytes
					   : 0; /* a unix socket: it has them */
	if (info.tcpi_bytes_acked == 0)
		return 0;
	return (int64_t)info.tcpi_bytes_acked - 1; /* the SYN takes a place in the sequence */
}

void transport_close(struct transport *transport)
{
	SSL_free(transport->tls); /* without a close_notify: the server does not wait for it */
	transport->tls = NULL;
	transport->fd = fd_close(transport->fd);
}
