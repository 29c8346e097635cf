run lambda { |env|
  sleep 3 if env['PATH_INFO'] == '/slow'
  [200, { 'content-length' => '5' }, ["done\n"]]
}
