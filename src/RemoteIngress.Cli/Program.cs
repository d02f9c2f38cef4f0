using RemoteIngress.Cli;

return await CliApplication.RunAsync(args, CliContext.FromProcess());
