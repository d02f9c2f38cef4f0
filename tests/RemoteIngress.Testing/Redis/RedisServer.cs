using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace RemoteIngress.Testing.Redis;

/// <summary>
/// A real redis-server for one test class, on a free port of loopback with a data directory of its own. Writes through to disk, so that
/// it can be stopped and started again with its data.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";
    private const int StartAttempts = 5;

    private readonly string _directory = Directory.CreateTempSubdirectory("remoteingress-redis-").FullName;
    private Process? _process;

    private RedisServer()
    {
    }

    /// <summary>The port, the same after every start.</summary>
    public int Port { get; private set; }

    /// <summary>What to connect to.</summary>
    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>Starts one, or skips the test with the reason where redis-server is not installed.</summary>
    public static async Task<RedisServer> StartNewAsync()
    {
        if (!IsInstalled())
        {
            Assert.Skip("redis-server is not installed (Debian: apt-get install redis-server)");
        }

        var server = new RedisServer();
        for (var attempt = 1; ; attempt++)
        {
            server.Port = FindFreePort();
            try
            {
                await server.StartAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < StartAttempts)
            {
                // somebody else took the port in between
            }
        }
    }

    /// <summary>Starts it (again), with the data it had.</summary>
    public async Task StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo(
            Program,
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _directory, "--save", "", "--appendonly", "yes", "--appendfsync", "always"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _process = process;

                // whoever does not read stops the writer when the pipe is full
                _ = process.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        process.Dispose();
        throw new InvalidOperationException($"redis-server did not start on port {Port}");
    }

    /// <summary>Kills it: what was acknowledged is on disk.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Starts it without the data it had.</summary>
    public async Task StartEmptyAsync()
    {
        Directory.Delete(_directory, recursive: true);
        Directory.CreateDirectory(_directory);
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static bool IsInstalled() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(directory => File.Exists(Path.Combine(directory, Program)));

    private static int FindFreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
