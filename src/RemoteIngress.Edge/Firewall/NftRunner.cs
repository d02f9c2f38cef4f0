using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace RemoteIngress.Edge.Firewall;

/// <summary>Runs <c>nft</c>: no shell, input on its standard input, bounded in time and in what is kept of its output.</summary>
/// <param name="time">What the bound is measured with.</param>
/// <param name="program">Its path; looked for at every run when null, since it may be installed later.</param>
internal sealed class NftRunner(TimeProvider time, string? program = null) : INft
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private const int MaxOutput = 64 * 1024;

    // A service often has no sbin in its PATH.
    private static readonly string[] Folders = ["/usr/sbin", "/sbin"];

    public async Task<NftResult> RunAsync(IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if ((program ?? Find()) is not { } path)
        {
            return NftResult.Failed("nft is not installed (not in PATH, /usr/sbin or /sbin); install the package nftables");
        }

        using var process = new Process { StartInfo = Describe(path, arguments) };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return NftResult.Failed($"{path} cannot be run: {exception.Message}");
        }

        using var timeout = new CancellationTokenSource(Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await CommunicateAsync(process, input, both.Token);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            cancellationToken.ThrowIfCancellationRequested();
            return NftResult.Failed($"{path} did not end within {Limit.TotalSeconds:0} s and was killed", isUnknown: true);
        }
        catch (IOException exception)
        {
            Kill(process);
            return NftResult.Failed($"{path} cannot be talked to: {exception.Message}", isUnknown: true);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // it ended by itself meanwhile
        }
    }

    private static async Task<NftResult> CommunicateAsync(Process process, string input, CancellationToken cancellationToken)
    {
        var output = ReadAsync(process.StandardOutput, cancellationToken);
        var errors = ReadAsync(process.StandardError, cancellationToken);
        await WriteAsync(process.StandardInput, input, cancellationToken);
        await Task.WhenAll(output, errors);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? new NftResult(await output, null) : NftResult.Failed(NftErrors.Describe(await errors, process.ExitCode));
    }

    private static async Task WriteAsync(StreamWriter writer, string input, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(input.AsMemory(), cancellationToken);
            writer.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything: its exit code and words say why.
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        int read;

        // Read to the end also when nothing more is kept: it would wait for a reader.
        while ((read = await reader.ReadAsync(buffer.AsMemory(), cancellationToken)) > 0)
        {
            text.Append(buffer, 0, Math.Min(read, MaxOutput - text.Length));
        }

        return text.ToString();
    }

    private static ProcessStartInfo Describe(string path, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };

        // The secret may be in the environment, and is no business of another program.
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(Path.IsPathRooted).Concat(Folders)
            .Select(folder => Path.Combine(folder, "nft"))
            .FirstOrDefault(File.Exists);
}
