namespace RemoteIngress.ClusterTls;

/// <summary>Which of the files is meant.</summary>
internal enum ClusterTlsFile
{
    /// <summary>That of the authorities.</summary>
    Ca,

    /// <summary>The member's own certificate, or its key.</summary>
    Certificate,
}

/// <summary>The files of a member cannot be used. The message is one line for an operator.</summary>
internal sealed class ClusterCertificateException(ClusterTlsFile file, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public ClusterTlsFile File => file;
}
