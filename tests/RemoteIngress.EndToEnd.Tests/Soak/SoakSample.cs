using System.Globalization;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Soak;

/// <summary>One process at one moment. Bytes are bytes.</summary>
internal sealed record SoakSample(long Resident, int Descriptors, long Watched, long Timers, long Streams, long Buffered, long Heap, long Committed)
{
    internal const string Header = "RSS MiB  heap  committed  descr  streams  buffered KiB  timers";

    internal static SoakSample Take(ExternalProcess process, string prefix, MetricsPage page) => new(
        process.ResidentBytes,
        ProcessDescriptors.Of(process.Id).Count,
        page.Sum(prefix + "_loop_descriptors"),
        page.Sum(prefix + "_loop_timers"),
        page.Sum(prefix + "_streams"),
        page.Sum(prefix + "_buffered_bytes"),
        page.Sum("dotnet_gc_last_collection_heap_size_bytes"),
        page.Sum("dotnet_gc_last_collection_memory_committed_size_bytes"));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{MiB(Resident),7:0.0} {MiB(Heap),5:0.0} {MiB(Committed),10:0.0} {Descriptors,6} {Streams,8} {Buffered / 1024,13} {Timers,7}");

    internal static double MiB(long bytes) => bytes / 1048576.0;
}
