import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.*;
import java.io.IOException;

@WebServlet("/*")
public class Main extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            if (request.getRequestURI().equals("/slow"))
                Thread.sleep(3000);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        response.setContentLength(5);
        response.getOutputStream().print("done\n");
    }
}
