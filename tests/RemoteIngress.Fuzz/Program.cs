using System.Runtime.InteropServices;
using SharpFuzz;
using SharpFuzz.Common;

namespace RemoteIngress.Fuzz;

internal static class Program
{
    private const nuint TraceSize = 64 * 1024;

    private const string Usage = """
        run [--seconds N] [--target T] [--seed S] [--crashes DIR]   the built-in loop: all targets unless one is named; exit code 1 after a crash
        replay TARGET FILE                                          one input again, with the stack trace
        afl TARGET                                                  for afl-fuzz, after "sharpfuzz" has instrumented the product's assemblies
        libfuzzer TARGET                                            for libfuzzer-dotnet, instrumented likewise
        list                                                        names of the targets
        """;

    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["list"]:
                Console.WriteLine(string.Join('\n', FuzzTargets.All.Select(target => target.Name)));
                return 0;
            case ["run", .. var options]:
                var run = new RunCommand();
                return run.Parse(options) is { } error ? Fail(error) : Math.Min(1, run.Execute());
            case ["replay", var name, var file] when FuzzTargets.Find(name) is { } target:
                Console.WriteLine(target.Run(File.ReadAllBytes(file)));
                return 0;
            case ["afl", var name] when FindInstrumented(name) is { } target:
                // out of process: a stack overflow ends the child and not the session
                Fuzzer.OutOfProcess.Run(input => target.Run(ReadAll(input)));
                return 0;
            case ["libfuzzer", var name] when FindInstrumented(name) is { } target:
                Fuzzer.LibFuzzer.Run(input => target.Run(input));
                return 0;
            default:
                return Fail(Usage);
        }
    }

    // Instrumented code already runs while targets are made, before the fuzzer has given it the memory in which it counts.
    private static unsafe IFuzzTarget? FindInstrumented(string name)
    {
        Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(TraceSize);
        return FuzzTargets.Find(name);
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 2;
    }

    private static byte[] ReadAll(Stream input)
    {
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }
}
