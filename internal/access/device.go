package access

import "time"

// Device is a browser that a person wants notifications on, as the Push API
// describes it (https://www.w3.org/TR/push-api/).
type Device struct {
	ID        int64
	Workspace WorkspaceID
	User      UserID
	// Endpoint is where the browser's vendor takes notifications. Whoever
	// knows it and the keys can notify the device.
	Endpoint string
	// P256dh and Auth are the browser's keys, in base64url (RFC 8291).
	P256dh, Auth string
	CreatedAt    time.Time
}
