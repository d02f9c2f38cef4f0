using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// The two ports of a silo. Those that nobody chose are taken free, and taken again by the next silo of this hub where that is possible, also after
/// a restart: a silo at the address of a dead one is known to be its successor, while any other waits for seconds until the dead one is given up.
/// </summary>
internal sealed class SiloPorts
{
    private const string FileName = "silo-ports";

    private readonly HubOptions _options;
    private readonly IPAddress _address;

    public SiloPorts(HubOptions options)
    {
        _options = options;
        _address = IPAddress.Parse(options.SiloAddress);
        (Silo, Gateway) = Remembered();
    }

    /// <summary>The port between hubs; 0 before the first choice.</summary>
    public int Silo { get; private set; }

    /// <summary>The port for Orleans clients; 0 when there is none.</summary>
    public int Gateway { get; private set; }

    /// <summary>Finds what an operator chose and cannot have, before Orleans would say it in its own way.</summary>
    /// <exception cref="HubStartException">Names the option.</exception>
    public void Check()
    {
        CheckFree("--silo-port", _options.SiloPort);
        CheckFree("--gateway-port", _options.GatewayPort);
    }

    /// <summary>Decides for the silo that starts next. Another program may still take a free one before that has bound it.</summary>
    public void Choose()
    {
        Silo = _options.SiloPort != 0 ? _options.SiloPort : Free(Silo, other: _options.GatewayPort);
        Gateway = _options.GatewayPort != 0 ? _options.GatewayPort : _options.Redis is null ? 0 : Free(Gateway, other: Silo);
    }

    /// <summary>Keeps them for the next start. Without a place to keep them that start takes a few seconds longer, and that is all.</summary>
    public void Remember()
    {
        if (_options.DataDir is not { } directory || _options.Redis is null || (Silo, Gateway) == Remembered())
        {
            return;
        }

        try
        {
            var file = Path.Combine(directory, FileName);
            File.WriteAllText(file + ".new", string.Create(CultureInfo.InvariantCulture, $"{Silo} {Gateway}\n"));
            File.Move(file + ".new", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // see above
        }
    }

    private (int Silo, int Gateway) Remembered()
    {
        try
        {
            var parts = _options.DataDir is { } directory ? File.ReadAllText(Path.Combine(directory, FileName)).Split(' ', 2) : [];
            return parts.Length == 2 && IsPort(parts[0], out var silo) && IsPort(parts[1], out var gateway) ? (silo, gateway) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    private static bool IsPort(string text, out int port) =>
        int.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort;

    private void CheckFree(string option, int port)
    {
        switch (Bind(port, out _))
        {
            case SocketError.AddressAlreadyInUse:
                throw new HubStartException($"{option}: {port} is in use by another program; choose another one, or 0 for a free one");
            case SocketError.AddressNotAvailable:
                throw new HubStartException($"--silo-address {_options.SiloAddress}: is not an address of this host");
            case SocketError.AccessDenied:
                throw new HubStartException($"{option}: {port} needs rights that this user does not have; choose a port above 1023, or 0 for a free one");
        }
    }

    private int Free(int preferred, int other)
    {
        if (preferred != 0 && preferred != other && Bind(preferred, out _) == SocketError.Success)
        {
            return preferred;
        }

        while (true)
        {
            var error = Bind(0, out var port);
            if (error != SocketError.Success)
            {
                throw new SocketException((int)error);
            }

            if (port != other)
            {
                return port;
            }
        }
    }

    private SocketError Bind(int port, out int bound)
    {
        bound = 0;
        using var socket = new Socket(_address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(_address, port));
            bound = ((IPEndPoint)socket.LocalEndPoint!).Port;

            // the system lets two bind it, and refuses the second one to listen
            socket.Listen();
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
