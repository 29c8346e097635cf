# SPDX-License-Identifier: MIT
"""Tomcat 10 with one connector and one servlet, started as its image starts it."""

import os
import shutil

from server import Advice, HttpServer, Stop

SERVER = """<Server port="-1">
  <Service name="Catalina">
    <Connector port="8080" protocol="HTTP/1.1" keepAliveTimeout="60000" connectionTimeout="60000"
               maxKeepAliveRequests="-1"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false" startStopThreads="0">
        <Context path="" docBase="@dir@/app" containerSciFilter="jasper|websocket"/>
      </Host>
    </Engine>
  </Service>
</Server>
"""

# Tomcat scans no jar for annotations, and starts without JSP and WebSocket: that is a second less.
WEB = """<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <absolute-ordering/>
  <servlet><servlet-name>main</servlet-name><servlet-class>Main</servlet-class></servlet>
  <servlet-mapping><servlet-name>main</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
</web-app>
"""

SERVLET = """
import jakarta.servlet.http.*;
import java.io.IOException;
public class Main extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try { if (request.getRequestURI().contains("slow")) Thread.sleep(3000); }
        catch (InterruptedException e) { throw new IOException(e); }
        response.setContentLength(5);
        response.getOutputStream().print("done\\n");
    }
}
"""


class Tomcat(HttpServer):
    title = "Tomcat"
    kind = "compiled"
    signals = ("TERM", "INT")
    moment = 0.5  # the request has 2.5 s to go, more than Tomcat waits for it
    note = ("A servlet gets 2 s from TERM on, `unloadDelay`, and is then interrupted. By default Tomcat keeps its listener "
            "open meanwhile but serves no new client, and resets their connections at the end. The status of a JVM that a "
            "signal stopped is 143; `--exit-map=143:0` makes that 0.")
    guess = ("TERM lets a servlet finish for 2 s, unloadDelay, and then interrupts it; new connections hang in the "
             "backlog and are reset; idle ones are closed; 143")
    shown = "catalina.sh run"
    packages = "tomcat10-common libtomcat10-java default-jdk-headless"
    version = "dpkg-query -W tomcat10-common"
    files = {"conf/server.xml": SERVER, "app/WEB-INF/web.xml": WEB, "app/WEB-INF/classes/Main.java": SERVLET,
             "conf/web.xml": "<web-app/>", "logs/empty": "", "temp/empty": ""}
    environment = {"CATALINA_HOME": "/usr/share/tomcat10", "CATALINA_BASE": "@dir@", "JRE_HOME": "/usr",
                   "JAVA_OPTS": "-XX:TieredStopAtLevel=1"}
    command = "/bin/sh /usr/share/tomcat10/bin/catalina.sh run"
    advice = Advice(files={"conf/server.xml": SERVER.replace("<Connector", '<Connector bindOnInit="false"')},
                    set='`bindOnInit="false"` for the connector',
                    why="Tomcat then closes its listener first, and refuses new clients")
    stops = (Stop("TERM", ends_within=2.0, timeout=30),)

    def prepare(self, box):
        def compile_to(path):
            os.mkdir(path)
            box.make("javac", "-cp", "/usr/share/tomcat10/lib/servlet-api.jar", "-d", path,
                     box.path("app/WEB-INF/classes/Main.java"))
        shutil.copy(box.cached("tomcat-classes", compile_to) + "/Main.class", box.path("app/WEB-INF/classes"))
