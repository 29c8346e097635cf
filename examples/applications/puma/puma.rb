port 8080
threads 4, 4
workers 2

# The exit status is 0 after a stop, and not that of SIGTERM.
raise_exception_on_sigterm false
