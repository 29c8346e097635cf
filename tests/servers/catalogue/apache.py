# SPDX-License-Identifier: MIT
"""Apache's httpd as a proxy, with its MPMs."""

from clients import Https1
from server import HttpServer, Stop

APACHE = """
ServerRoot @dir@
ServerName localhost
PidFile @dir@/httpd.pid
ErrorLog /dev/stderr
Listen 8080 %s
AcceptFilter http data
AcceptFilter https data
LoadModule mpm_%s_module /usr/lib/apache2/modules/mod_mpm_%s.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
SSLCertificateFile @dir@/cert.pem
SSLCertificateKeyFile @dir@/key.pem
SSLEngine %s
KeepAliveTimeout 60
MaxKeepAliveRequests 0
User www-data
ProxyPass / http://127.0.0.1:9000/
"""


class ApacheEvent(HttpServer):
    """With TCP_DEFER_ACCEPT, its default: the connection that was never used is a SYN_RECV."""

    title = "Apache, event"
    kind = "web"
    signals = ("WINCH", "TERM", "USR1")
    guess = "WINCH finishes requests and closes idle connections, TERM cuts, USR1 restarts"
    note = ("`lastcall` sends TERM when nothing is in flight, WINCH when work is left. The never-used "
            "connection waits in the kernel, because Apache sets TCP_DEFER_ACCEPT.")
    shown = "apache2 -DFOREGROUND"
    name = "apache-event"
    packages = "apache2-bin"
    version = "apache2 -v"
    files = {"httpd.conf": APACHE % ("http", "event", "event", "off")}
    command = "apache2 -d @dir@ -f httpd.conf -DFOREGROUND"
    backend = True
    stream = "/stream"
    stops = (Stop("WINCH", exits=(0,), ends_within=2.5), Stop("TERM", exits=(0,), ends_within=2.5))
    in_ci = True

    def prepare(self, box):
        box.certificate()


class ApachePrefork(ApacheEvent):
    title = "Apache, prefork"
    kind = "web"
    signals = ("WINCH", "TERM")
    guess = "as with event"
    note = ("Unlike event, prefork waits on WINCH for each idle keep-alive connection until KeepAliveTimeout. "
            "`lastcall` sends TERM when nothing is in flight, WINCH when work is left.")
    name = "apache-prefork"
    files = {"httpd.conf": APACHE % ("http", "prefork", "prefork", "off")}
    in_ci = False


class ApacheTls(ApacheEvent):
    name = "apache-tls"
    files = {"httpd.conf": APACHE % ("https", "event", "event", "on")}
    client = Https1
    in_ci = False
