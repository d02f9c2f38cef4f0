using System.Net;
using System.Net.Sockets;
using RemoteIngress.Testing.Processes;
using Xunit;

namespace RemoteIngress.Testing.Network;

/// <summary>
/// A network of its own, as another machine would have it: loopback, and what <see cref="LinkAsync"/> adds. Gone after the test, with
/// everything in it. Skips the running test where it may not be made.
/// </summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private static int _count;

    private readonly bool _isOwn;

    private NetworkNamespace(string name, bool isOwn)
    {
        Name = name;
        _isOwn = isOwn;
    }

    /// <summary>As <c>ip netns</c> knows it.</summary>
    public string Name { get; }

    /// <param name="role">For people who look at <c>ip netns list</c> while a test runs.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<NetworkNamespace> CreateAsync(string role, CancellationToken cancellation)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make network namespaces");
        var network = new NetworkNamespace($"ri-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-{role}", isOwn: true);
        await IpAsync(["netns", "add", network.Name], cancellation);
        await network.IpInsideAsync(["link", "set", "lo", "up"], cancellation);
        return network;
    }

    /// <summary>One that somebody else made, and removes.</summary>
    public static NetworkNamespace Existing(string name) => new(name, isOwn: false);

    /// <summary>Lays a cable to another one.</summary>
    /// <param name="other">The other end.</param>
    /// <param name="here">Addresses of this end with their prefix: <c>10.77.1.1/24</c>, <c>fd77::1/64</c>.</param>
    /// <param name="there">Addresses of the other end.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task LinkAsync(NetworkNamespace other, IEnumerable<string> here, IEnumerable<string> there, CancellationToken cancellation)
    {
        var number = Interlocked.Increment(ref _count);
        var (near, far) = ($"v{number}a", $"v{number}b");
        await IpInsideAsync(["link", "add", near, "type", "veth", "peer", "name", far, "netns", other.Name], cancellation);
        await SetUpAsync(near, here, cancellation);
        await other.SetUpAsync(far, there, cancellation);
    }

    /// <summary>Lays a cable to a bridge in another one.</summary>
    /// <param name="other">Where the bridge is.</param>
    /// <param name="bridge">Its name.</param>
    /// <param name="here">The address of this end with its prefix.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task LinkToBridgeAsync(NetworkNamespace other, string bridge, string here, CancellationToken cancellation)
    {
        var number = Interlocked.Increment(ref _count);
        var (near, far) = ($"v{number}a", $"v{number}b");
        await IpInsideAsync(["link", "add", near, "type", "veth", "peer", "name", far, "netns", other.Name], cancellation);
        await other.IpInsideAsync(["link", "set", far, "master", bridge, "up"], cancellation);
        await SetUpAsync(near, [here], cancellation);
    }

    /// <summary>Does something in it: sockets that are made, and processes that are started, stay in it for good.</summary>
    public T Run<T>(Func<T> function)
    {
        T result = default!;
        Exception? failure = null;

        // A thread of its own, which ends: none of the pool may be left in another network.
        var thread = new Thread(() =>
        {
            try
            {
                Libc.EnterNetwork("/run/netns/" + Name);
                result = function();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException($"in network {Name}: {failure.Message}", failure);
    }

    /// <summary><see cref="Run"/>, or in the network of the test when there is none.</summary>
    public static T RunIn<T>(NetworkNamespace? network, Func<T> function) => network is null ? function() : network.Run(function);

    /// <summary>Runs a program in it to its end.</summary>
    public async Task<(int ExitCode, string Out, string Error)> ExecAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var path = Tool.Require(program);
        await using var process = Run(() => new ExternalProcess(path, arguments));
        var exitCode = await process.WaitForExitAsync(cancellation);
        return (exitCode, string.Join('\n', process.OutLines), string.Join('\n', process.ErrorLines));
    }

    /// <summary>A client whose connections are made in this network.</summary>
    public static HttpClient CreateHttpClient(NetworkNamespace? network) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = network is null ? null : async (context, cancellation) =>
        {
            var socket = network.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            try
            {
                await socket.ConnectAsync(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });

    public async ValueTask DisposeAsync()
    {
        if (_isOwn)
        {
            await IpAsync(["netns", "delete", Name], Timeouts.ToEnd());
        }
    }

    private async Task SetUpAsync(string link, IEnumerable<string> addresses, CancellationToken cancellation)
    {
        foreach (var address in addresses)
        {
            // without the second in which IPv6 asks whether somebody has the address already
            await IpInsideAsync(["address", "add", address, "dev", link, .. address.Contains(':') ? ["nodad"] : Array.Empty<string>()], cancellation);
        }

        await IpInsideAsync(["link", "set", link, "up"], cancellation);
    }

    private Task IpInsideAsync(IEnumerable<string> arguments, CancellationToken cancellation) => IpAsync(["-netns", Name, .. arguments], cancellation);

    private static async Task IpAsync(string[] arguments, CancellationToken cancellation)
    {
        var (exitCode, output, error) = await Tool.RunAsync("ip", arguments, cancellation);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {output}{error}");
        }
    }
}
