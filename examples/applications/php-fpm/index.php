<?php
if ($_SERVER['REQUEST_URI'] === '/slow') {
    sleep(3);
}
header('Content-Length: 5');
echo "done\n";
