package app

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"

	"cartwright/internal/clock"
	"cartwright/internal/metric"
)

// processMetrics registers what the process uses of its machine, under the
// names that Prometheus's own client gives it.
func processMetrics(reg *metric.Registry) {
	started := clock.Real{}.Now()
	gauge := func(name, help string, read func() float64) {
		reg.Read(metric.GaugeKind, name, help, nil, func(emit func(float64, ...string)) { emit(read()) })
	}
	gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", func() float64 { return float64(started.UnixMilli()) / 1000 })
	gauge("process_resident_memory_bytes", "Memory that the process has in use.", residentMemory)
	gauge("process_open_fds", "Files and connections that are open.", openFiles)
	gauge("go_goroutines", "Goroutines that exist.", func() float64 { return float64(runtime.NumGoroutine()) })
	gauge("go_memstats_heap_alloc_bytes", "Heap in use.", func() float64 { return sampled("/memory/classes/heap/objects:bytes") })
	gauge("go_memstats_sys_bytes", "Memory that Go took from the system.", func() float64 { return sampled("/memory/classes/total:bytes") })
	reg.Read(metric.CounterKind, "process_cpu_seconds_total", "Time of the processor that was used.", nil, func(emit func(float64, ...string)) { emit(processorTime()) })
	reg.Read(metric.CounterKind, "go_gc_cycles_total", "Garbage collections.", nil, func(emit func(float64, ...string)) {
		emit(sampled("/gc/cycles/total:gc-cycles"))
	})
	reg.Read(metric.GaugeKind, "go_info", "The Go that built the program.", []string{"version"}, func(emit func(float64, ...string)) { emit(1, runtime.Version()) })
}

// sampled reads one of the runtime's whole numbers.
func sampled(name string) float64 {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return float64(s[0].Value.Uint64())
}

func processorTime() float64 {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// residentMemory is 0 where there is no /proc.
func residentMemory() float64 {
	raw, err := os.ReadFile("/proc/self/statm")
	if fields := strings.Fields(string(raw)); err == nil && len(fields) > 1 {
		pages, _ := strconv.ParseUint(fields[1], 10, 64)
		return float64(pages) * float64(os.Getpagesize())
	}
	return 0
}

// openFiles is 0 where there is no /proc.
func openFiles() float64 {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return float64(len(open))
}
