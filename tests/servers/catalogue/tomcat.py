# SPDX-License-Identifier: MIT
"""Tomcat 10, embedded in one class: its shutdown hook is the one of catalina.sh."""

import glob
import os

from server import HttpServer, Stop

APP = """
import jakarta.servlet.http.*;
import org.apache.catalina.*;
import org.apache.catalina.startup.Tomcat;
import java.io.*;
public class Main {
    public static void main(String[] args) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[0]);
        tomcat.setPort(8080);
        tomcat.getConnector().setProperty("keepAliveTimeout", "60000");
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
        Context context = tomcat.addContext("", args[0]);
        if (args.length > 1) ((org.apache.catalina.core.StandardContext) context).setUnloadDelay(Long.parseLong(args[1]));
        Tomcat.addServlet(context, "main", new HttpServlet() {
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                try { if (request.getRequestURI().contains("slow")) Thread.sleep(3000); }
                catch (InterruptedException e) { }
                response.setContentLength(5);
                response.getOutputStream().print("done\\n");
            }
        });
        context.addServletMappingDecoded("/", "main");
        tomcat.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { tomcat.stop(); tomcat.destroy(); } catch (LifecycleException e) { }
        }));
        tomcat.getServer().await();
    }
}
"""


class TomcatServer(HttpServer):
    name = "tomcat"
    title = "Tomcat, embedded"
    kind = "compiled"
    signals = ("TERM",)
    guess = "stop() waits 2 s for requests (unloadDelay), then cuts; the status is 143"
    note = ("stop() waits unloadDelay, 2 s, for its requests. New connections are not refused while "
            "it stops.")
    packages = "default-jdk-headless libtomcat10-java libtomcat10-embed-java"
    version = "dpkg-query -W libtomcat10-java"
    files = {"Main.java": APP}
    command = "java -XX:TieredStopAtLevel=1 -cp @dir@/lib/* Main.java @dir@"
    stops = (Stop("TERM", ends_within=4.0, timeout=30),)

    def prepare(self, box):
        os.mkdir(box.path("lib"))
        for jar in glob.glob("/usr/share/java/tomcat10-*.jar"):
            os.symlink(jar, box.path("lib/" + os.path.basename(jar)))
