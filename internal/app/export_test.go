package app

import (
	"net/http"
)

// Figures is /metrics of a server that runs.
func (a *App) Figures() http.Handler {
	a.metrics.watch(a)
	return a.metrics.handler()
}

// UseCertificate makes the files the server's certificate.
func (a *App) UseCertificate(cert, key string) {
	a.certificateEnd = (&pair{cert: cert, key: key}).end
}

// FetchedEnd is when a certificate that was fetched ends.
var FetchedEnd = stored //nolint:gochecknoglobals // a function
