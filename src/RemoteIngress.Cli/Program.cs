using RemoteIngress.Cli;
using RemoteIngress.Cli.Hosting;

NativeMemory.ShareOneHeap();
return await CliApplication.RunAsync(args, CliContext.FromProcess());
