namespace RemoteIngress.Cli.Management;

/// <summary>One hub's API and how its answers are to be printed.</summary>
internal sealed record AdminTarget(Uri Url, string? Token, bool Json)
{
    // a record prints its members: the token must not get into any message that way
    public override string ToString() => Url.ToString();
}
