package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestAPauseOfTheMachineIsNoSilence: a process that was stopped for longer than
// it would wait still waits when it goes on, and then gives up in time.
func TestAPauseOfTheMachineIsNoSilence(t *testing.T) {
	// The shell that stops this process must come to that in time, which a slow
	// machine may need several attempts for.
	for limit := 400 * time.Millisecond; ; limit *= 2 {
		ctx, cancel := awake(t.Context(), limit)
		defer cancel()
		pause(t, 2*limit)
		if ctx.Err() == nil {
			<-ctx.Done()
			if err := context.Cause(ctx); !errors.Is(err, errSilent) {
				t.Errorf("it ended with %v", err)
			}
			return
		}
		if limit > 5*time.Second {
			t.Fatalf("a pause of %s ended the wait", 2*limit)
		}
	}
}

// pause stops this process for a while.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	script := fmt.Sprintf("kill -STOP %[1]d; sleep %.3[2]f; kill -CONT %[1]d", os.Getpid(), d.Seconds())
	if err := exec.CommandContext(t.Context(), "sh", "-c", script).Run(); err != nil {
		t.Fatal(err)
	}
}
