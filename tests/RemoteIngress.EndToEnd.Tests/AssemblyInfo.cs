using Xunit.Sdk;
using Xunit.v3;

// every test starts processes and some load both cores: side by side they would measure each other
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: Trait("Suite", "E2E")]
