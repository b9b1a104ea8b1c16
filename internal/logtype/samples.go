package logtype

import "embed"

// Samples are the files beside the log types: records as their vendors write them, with the events that
// they give in files named .golden.
//
//go:embed */samples/*
var Samples embed.FS
