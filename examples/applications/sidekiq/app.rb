require 'sidekiq'
require 'socket'

class Export
  include Sidekiq::Job

  def perform(path)
    sleep 3
    File.write(path, "done\n")
  end
end

# No socket shows lastcall that jobs are in flight: each one is counted.
class InFlight
  @lock = Mutex.new
  @jobs = 0

  def self.add(number)
    @lock.synchronize { notify("X_LASTCALL_BUSY=#{@jobs += number}") }
  end

  def self.notify(text)
    return unless ENV['NOTIFY_SOCKET']
    Addrinfo.unix(ENV['NOTIFY_SOCKET'], :DGRAM).connect { |sender| sender.send(text, 0) }
  end

  def call(*)
    InFlight.add(1)
    yield
  ensure
    InFlight.add(-1)
  end
end

Sidekiq.configure_server do |config|
  config.server_middleware { |chain| chain.add InFlight }
end
