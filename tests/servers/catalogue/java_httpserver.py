# SPDX-License-Identifier: MIT
"""The JDK's HttpServer."""

from clients import Lost
from server import HttpServer, Stop

JAVA = """
import com.sun.net.httpserver.*;
import java.net.*;
import java.util.concurrent.*;
public class Main {
    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(8080), 100);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            try { if (exchange.getRequestURI().getPath().contains("slow")) Thread.sleep(3000); }
            catch (InterruptedException e) { }
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("done\\n".getBytes());
            exchange.close();
        });
        if (args.length > 0) Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.stop(1);
            try { Thread.sleep(Integer.parseInt(args[0]) * 1000L); } catch (InterruptedException e) { }
            System.out.println("closed");
        }));
        server.start();
    }
}
"""


class Jvm(HttpServer):
    """A thread dump before the stop ends nothing."""

    title = "JDK HttpServer, without a hook"
    kind = "compiled"
    signals = ("TERM",)
    guess = "TERM cuts and exits with 143"
    note = ("Without a shutdown hook the JVM exits at once. HttpServer.stop(n) in a hook takes all of "
            "n seconds when nothing is in flight.")
    shown = "java Main.java"
    packages = "default-jdk-headless"
    version = "java -version"
    files = {"Main.java": JAVA}
    command = "java -Xshare:auto -XX:TieredStopAtLevel=1 Main.java"
    stops = (Stop("TERM"),)

    def begin(self, box):
        works = super().begin(box)
        box.send("QUIT")
        box.program.wait_app("Full thread dump")
        return works


class JvmHook(Jvm):
    """A shutdown hook that has 7 s to do when nothing is in flight any more."""

    name = "jvm-hook"
    command = Jvm.command + " 7"
    stops = (Stop("TERM", ends_within=9.0, timeout=30),)

    def after(self, box):
        if not box.program.out.find("^closed"):
            raise Lost("the shutdown hook did not end")
