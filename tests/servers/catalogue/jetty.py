# SPDX-License-Identifier: MIT
"""Jetty 9, embedded, with and without its StatisticsHandler."""

from server import HttpServer, Stop

APP = """
import java.io.*;
import javax.servlet.http.*;
import org.eclipse.jetty.server.*;
import org.eclipse.jetty.server.handler.*;
public class Main {
    public static void main(String[] args) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setPort(8080);
        connector.setIdleTimeout(60000);
        server.addConnector(connector);
        Handler main = new AbstractHandler() {
            public void handle(String path, Request base, HttpServletRequest request, HttpServletResponse response)
                    throws IOException {
                try { if (path.contains("slow")) Thread.sleep(3000); } catch (InterruptedException e) { throw new IOException(e); }
                response.setContentLength(5);
                response.getOutputStream().print("done\\n");
                base.setHandled(true);
            }
        };
        StatisticsHandler statistics = new StatisticsHandler();
        statistics.setHandler(main);
        server.setHandler(statistics);
        server.setStopTimeout(30000);
        server.setStopAtShutdown(true);
        server.start();
        server.join();
    }
}
"""


class Jetty(HttpServer):
    title = "Jetty, StatisticsHandler"
    kind = "compiled"
    signals = ("TERM",)
    guess = "with StatisticsHandler and a stop timeout TERM finishes requests, closes idle connections; status 143"
    flaw = "Jetty and the JVM take about a second to end."
    note = ("It finishes requests only with StatisticsHandler and setStopTimeout. The status of a JVM "
            "that a signal stopped is 143.")
    shown = "java -cp '/usr/share/jetty9/lib/*' Main.java"
    packages = "jetty9 default-jdk-headless"
    version = "dpkg-query -W jetty9"
    files = {"Main.java": APP}
    command = "java -XX:TieredStopAtLevel=1 -cp /usr/share/jetty9/lib/* Main.java"
    stops = (Stop("TERM", ends_within=4.0, timeout=30),)
