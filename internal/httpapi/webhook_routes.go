package httpapi

// Webhooks manages outgoing webhooks.
type Webhooks interface{}

func (s *Server) webhookRoutes() {
	if s.d.Webhooks == nil {
		return
	}
}
