using Microsoft.Extensions.Options;
using RemoteIngress.ClusterTls;

namespace RemoteIngress.Client;

/// <summary>Checks the options, all at once, when the host starts.</summary>
internal sealed class RemoteIngressClientOptionsValidator : IValidateOptions<RemoteIngressClientOptions>
{
    public ValidateOptionsResult Validate(string? name, RemoteIngressClientOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        if (!RedisConnection.IsValid(options.Redis))
        {
            errors.AddError("give the connection string of the hubs' Redis, for example 127.0.0.1:6379", nameof(options.Redis));
        }

        if (options.ClusterId is not { Length: > 0 and <= 64 }
            || !options.ClusterId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            errors.AddError("give the --cluster-id of the hubs: 1 to 64 of the characters A-Z a-z 0-9 . _ -", nameof(options.ClusterId));
        }

        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromMinutes(1))
        {
            errors.AddError("give 1 second to 1 minute", nameof(options.Timeout));
        }

        CheckCluster(options, errors);
        return errors.Build();
    }

    // Read once here, so that a mistake ends the start and is no connection that never comes.
    private static void CheckCluster(RemoteIngressClientOptions options, ValidateOptionsResultBuilder errors)
    {
        if (ClusterTlsFiles.IsPartial(options.ClusterCa, options.ClusterCert, options.ClusterKey))
        {
            errors.AddError("give ClusterCa, ClusterCert and ClusterKey, or none of them", nameof(options.ClusterCa));
        }

        if (ClusterTlsFiles.From(options.ClusterCa, options.ClusterCert, options.ClusterKey) is not { } files)
        {
            return;
        }

        try
        {
            ClusterCertificate.Load(files, ClusterRole.Client);
        }
        catch (ClusterCertificateException e)
        {
            errors.AddError(e.Message, e.File == ClusterTlsFile.Ca ? nameof(options.ClusterCa) : nameof(options.ClusterCert));
        }
    }
}
