package dialplan

// NodeID names a node of a plan.
type NodeID string
