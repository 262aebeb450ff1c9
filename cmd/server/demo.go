package main

import "errors"

type demoCmd struct{}

// Run seeds and serves the demo network.
func (demoCmd) Run(a *app) error { return errors.New("demo: not seeded yet") }
