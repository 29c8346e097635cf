/* SPDX-License-Identifier: MIT */
#include "bench/network.h"

#include "bench/must.h"
#include "bench/transport.h"
#include "kernel/sandbox.h"

#include <sys/socket.h>

#define NGINX_PORT 20443

static void set_mtu(unsigned mtu)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_mtu = (int)mtu};
	int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	must(ioctl(fd, SIOCSIFMTU, &request), "SIOCSIFMTU");
	close(fd);
}

void network_enter(unsigned mtu)
{
	if (!sandbox_unshare(CLONE_NEWNET))
		cannot_run("no user and network namespaces here");
	if (!sandbox_loopback_up())
		cannot_run("the loopback interface does not come up");
	if (mtu > 0)
		set_mtu(mtu);
	/* room for two client ranges; a failure shows when we run out of ports */
	(void)sandbox_write_file("/proc/sys/net/ipv4/ip_local_port_range", "25000 65000");
	(void)sandbox_write_file("/proc/sys/net/core/somaxconn", "16384");
}

int network_leave(void)
{
	int far = must(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "/proc/self/ns/net");
	char command[512];

	must(unshare(CLONE_NEWNET), "unshare");
	snprintf(command, sizeof command,
		"set -e; far=/proc/%d/fd/%d\n"
		"ip link add near type veth peer name far\n"
		"ip link set far netns $far\n"
		"ip address add 10.9.0.2/24 dev near; ip link set near up\n"
		"nsenter --net=$far ip address add %s/24 dev far\n"
		"nsenter --net=$far ip link set far up\n",
		getpid(), far, NETWORK_FAR_ADDRESS);
	if (system(command) != 0)
		cannot_run("no link between two network namespaces here: needs ip and nsenter");
	return far;
}

socklen_t network_address(enum address address, uint16_t port, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret_address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_address;

	memset(ret_address, 0, sizeof *ret_address);
	if (address == ADDRESS_V6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_addr = in6addr_loopback;
		v6->sin6_port = htons(port);
		return sizeof *v6;
	}
	v4->sin_family = AF_INET;
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v4->sin_port = htons(port);
	return sizeof *v4;
}

int network_listen(enum address address, uint16_t *ret_port)
{
	struct sockaddr_storage own;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&own;
	socklen_t len = network_address(address, 0, &own);
	int fd;

	if (address == ADDRESS_MAPPED) {
		memset(&own, 0, sizeof own);
		v6->sin6_family = AF_INET6; /* :: */
		len = sizeof *v6;
	}
	fd = must(socket(own.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
	must(bind(fd, (const struct sockaddr *)&own, len), "bind");
	must(listen(fd, 16384), "listen");
	must(getsockname(fd, (struct sockaddr *)&own, &len), "getsockname");
	*ret_port = ntohs(((struct sockaddr_in *)&own)->sin_port); /* at the same place in both */
	return fd;
}

static void write_config(const char *folder, enum wire wire, uint16_t server_port)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof path, "%s/nginx.conf", folder);
	file = fopen(path, "we");
	if (file == NULL)
		fail_errno(path);
	fprintf(file,
		"daemon off; master_process off; pid %s/pid; error_log %s/error.log;\n"
		"worker_rlimit_nofile 30000; events { worker_connections 25000; }\n"
		"http { access_log off; keepalive_timeout 3600s; keepalive_requests 100000000;\n"
		"client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s;\n"
		"uwsgi_temp_path %s; scgi_temp_path %s;\n"
		"upstream server { server 127.0.0.1:%u; keepalive 500; keepalive_requests "
		"100000000;\n"
		"keepalive_time 24h; }\n"
		"server { listen 127.0.0.1:%u%s%s backlog=16384;\n",
		folder, folder, folder, folder, folder, folder, folder, server_port, NGINX_PORT,
		wire == WIRE_TLS || wire == WIRE_H2_TLS ? " ssl" : "",
		wire == WIRE_H2 || wire == WIRE_H2_TLS ? " http2" : "");
	if (wire == WIRE_TLS || wire == WIRE_H2_TLS)
		fprintf(file, "ssl_certificate %s/cert.pem; ssl_certificate_key %s/key.pem;\n",
			folder, folder);
	fprintf(file, "location / { proxy_pass http://server; proxy_http_version 1.1;\n"
		      "proxy_set_header Connection \"\"; proxy_read_timeout 3600s; } } }\n");
	fclose(file);
}

static void make_certificate(const char *folder)
{
	char command[1024];

	snprintf(command, sizeof command,
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
		"-subj /CN=bench -keyout %s/key.pem -out %s/cert.pem >%s/openssl.log 2>&1",
		folder, folder, folder);
	if (system(command) != 0)
		cannot_run("openssl cannot make a certificate");
}

static char folder[] = "/tmp/lastcall-bench-XXXXXX";

static void remove_folder(void)
{
	char command[256];

	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	(void)!system(command);
}

static void wait_until_it_listens(pid_t pid)
{
	struct sockaddr_storage address;
	socklen_t len = network_address(ADDRESS_V4, NGINX_PORT, &address);

	for (int i = 0; i < 500; i++) {
		int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
		bool listens = connect(fd, (const struct sockaddr *)&address, len) == 0;

		close(fd);
		if (listens)
			return;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			break;
		usleep(10000);
	}
	cannot_run("nginx does not start");
}

uint16_t network_start_nginx(enum wire wire, uint16_t server_port)
{
	char config[256];
	pid_t pid;

	if (mkdtemp(folder) == NULL)
		fail_errno("mkdtemp");
	atexit(remove_folder);
	if (wire == WIRE_TLS || wire == WIRE_H2_TLS) {
		if (!transport_has_tls())
			cannot_run("built without OpenSSL");
		make_certificate(folder);
	}
	write_config(folder, wire, server_port);
	snprintf(config, sizeof config, "%s/nginx.conf", folder);
	pid = must(fork(), "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("nginx", "nginx", "-c", config, (char *)NULL);
		execl("/usr/sbin/nginx", "nginx", "-c", config, (char *)NULL);
		_exit(127);
	}
	wait_until_it_listens(pid);
	return NGINX_PORT;
}
