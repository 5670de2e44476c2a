package whatsapp

// What tests of the markup alone need.
var (
	Parse  = parse
	Render = render
)
