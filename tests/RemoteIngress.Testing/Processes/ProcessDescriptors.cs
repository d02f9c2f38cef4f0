using System.Globalization;

namespace RemoteIngress.Testing.Processes;

/// <summary>The sockets, pipes and the like of a process. Not files: the runtime keeps every assembly open that it loads, whenever that is.</summary>
public static class ProcessDescriptors
{
    /// <summary>One text for each; TCP sockets are named by their state and ports.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="exceptPort">Local port whose connections do not count: those of an HTTP client come and go.</param>
    public static IReadOnlyList<string> Of(int process, int exceptPort = 0)
    {
        var sockets = TcpSockets(process);
        return
        [
            .. new DirectoryInfo($"/proc/{process}/fd").EnumerateFiles()
                .Select(static descriptor => descriptor.LinkTarget)
                .Where(static target => target is not null && !target.StartsWith('/'))
                .Select(target => sockets.GetValueOrDefault(target!, (Text: target!, LocalPort: 0, IsListening: true)))
                .Where(socket => socket.IsListening || exceptPort == 0 || socket.LocalPort != exceptPort)
                .Select(static socket => socket.Text),
        ];
    }

    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
    private static Dictionary<string, (string Text, int LocalPort, bool IsListening)> TcpSockets(int process)
    {
        var sockets = new Dictionary<string, (string, int, bool)>();
        foreach (var line in new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{process}/net/{table}").Skip(1)))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var (local, remote, state) = (Port(fields[1]), Port(fields[2]), fields[3]);
            sockets[$"socket:[{fields[9]}]"] = ($"tcp {local} > {remote} state {state}", local, state == "0A");
        }

        return sockets;
    }

    private static int Port(string address) => int.Parse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
