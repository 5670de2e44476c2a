package telegram

// Exported for the tests of the package's inner rules.
var (
	Marks      = marks
	EntitiesOf = entitiesOf
	ParseChat  = parseChat
)

// Entity is how the platform formats a part of a text.
type Entity = entity

// Key is the chat as Okno names it.
func (c chatRef) Key() string { return c.key() }
