// No request is in flight any more when lastcall sends SIGTERM. Without forceCloseConnections a connection
// on which no request ever came would keep the server open.
const app = require('fastify')({ forceCloseConnections: true });

app.get('/', async () => 'done\n');
app.get('/slow', async () => {
    await new Promise((done) => setTimeout(done, 3000));
    return 'done\n';
});

app.listen({ port: 8080, host: '0.0.0.0' });
process.on('SIGTERM', () => app.close().then(() => process.exit(0)));
