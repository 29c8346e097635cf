package main

import (
	"context"
	"log"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(3 * time.Second)
		}
		w.Write([]byte("done\n"))
	})
	server := &http.Server{Addr: ":8080"}
	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	go func() { log.Println(server.ListenAndServe()) }()
	<-stop.Done()

	// A connection on which no request ever came would hold Shutdown for 5 s.
	enough, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if server.Shutdown(enough) != nil {
		server.Close()
	}
}
