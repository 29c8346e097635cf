const app = require('express')();

app.get('/', (request, response) => response.send('done\n'));
app.get('/slow', (request, response) => setTimeout(() => response.send('done\n'), 3000));

const server = app.listen(8080);

// No request is in flight any more when lastcall sends SIGTERM. Without the second line a connection on
// which no request ever came would keep the server open.
process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
});
