using Microsoft.Extensions.Options;

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

        return errors.Build();
    }
}
