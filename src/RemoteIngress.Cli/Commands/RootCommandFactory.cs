using System.CommandLine;

namespace RemoteIngress.Cli.Commands;

/// <summary>The tree of commands.</summary>
internal static class RootCommandFactory
{
    public static RootCommand Create(CliContext context)
    {
        var root = new RootCommand("Public edges tunnel TCP connections to private hubs, which hand them to a target with the client's address kept.")
        {
            HubCommand.Create(context),
            EdgeCommand.Create(context),
            TokenCommand.Create(context),
            EdgesCommand.Create(context),
            HubsCommand.Create(context),
            StatusCommand.Create(context),
            CheckCommand.Create(context),
            DemoCommand.Create(context),
        };
        return root;
    }
}
