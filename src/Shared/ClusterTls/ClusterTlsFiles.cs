namespace RemoteIngress.ClusterTls;

/// <summary>The PEM files of one member of the cluster.</summary>
/// <param name="Ca">Certificates of the authorities that are believed.</param>
/// <param name="Certificate">The member's certificate, then what lies between it and the authority.</param>
/// <param name="Key">The unencrypted key of it.</param>
internal sealed record ClusterTlsFiles(string Ca, string Certificate, string Key)
{
    /// <summary>The three together; <see langword="null"/> unless all are given.</summary>
    public static ClusterTlsFiles? From(string? ca, string? certificate, string? key) =>
        ca is not null && certificate is not null && key is not null ? new ClusterTlsFiles(ca, certificate, key) : null;

    /// <summary>Whether some of the three are given and others not.</summary>
    public static bool IsPartial(string? ca, string? certificate, string? key) =>
        From(ca, certificate, key) is null && (ca ?? certificate ?? key) is not null;
}
