using System.CommandLine;
using Weir.Node.Agent;
using Weir.Node.Commands;

// Every command of `weir`, one file each. `run` is the node itself: Agent/NodeProcess.cs shows what it is made of.
var root = new RootCommand("Weir routes the logs of a host to Loki endpoints.")
{
    RunCommand.Create(),
    ValidateCommand.Create(new HostInspection()),
    TestCommand.Create(),
    FormatCommand.Create(Console.In),
    ConvertCommand.Create(),
    StatusCommand.Create(),
    NodesCommand.Create(),
    ShardsCommand.Create(),
    LanesCommand.Create(),
    TailCommand.Create(),
    DrainCommand.Create(),
    DeadLettersCommand.Create(),
    HealthCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
