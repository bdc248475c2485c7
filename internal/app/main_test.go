package app

import (
	"testing"

	"cartwright/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
