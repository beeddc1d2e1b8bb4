using Weir.Protocol.Batches;
using Weir.Routing.Language;

namespace Weir.Routing.PipelineTests;

/// <summary>A file of tests: docs/reference/pipeline-tests.md.</summary>
/// <param name="Configuration">Path of what is tested, as the file writes it; "" where it does not.</param>
/// <param name="Tests">In file order.</param>
public sealed record PipelineTestFile(string Configuration, IReadOnlyList<PipelineTest> Tests);

/// <summary>Lines into a component, and what is to come out at the ends behind it.</summary>
/// <param name="Name">As the file has it.</param>
/// <param name="Place">Where the test begins.</param>
/// <param name="Component">Id of the component that gets the lines.</param>
/// <param name="Now">Nanoseconds since the Unix epoch: what the clock says, and the time of lines that have none.
/// </param>
/// <param name="Lines">In the order in which they come.</param>
/// <param name="Expected">In the order in which they are to leave; empty where all are to be dropped.</param>
/// <param name="DropReason">Reason under which every dropped line is to be counted; "" for any.</param>
public sealed record PipelineTest(
    string Name, SourcePlace Place, string Component, long Now, IReadOnlyList<TestLine> Lines,
    IReadOnlyList<ExpectedEntry> Expected, string DropReason);

/// <param name="Time">Nanoseconds since the Unix epoch.</param>
public sealed record TestLine(string Text, IReadOnlyList<Label> Labels, IReadOnlyList<Label> Metadata, long Time);

/// <summary>An entry as it should be. What is null is not compared.</summary>
/// <param name="Destination">Id of the component where it is to arrive.</param>
public sealed record ExpectedEntry(
    string? Destination, string? Tenant, string? Line, IReadOnlyList<Label>? Labels, IReadOnlyList<Label>? Metadata,
    long? Time);

/// <summary>An entry as it came out.</summary>
/// <param name="Labels">By name, as they would be pushed: with external labels, without hidden ones.</param>
/// <param name="Metadata">In its order.</param>
public sealed record ObservedEntry(
    string Destination, string Tenant, string Line, IReadOnlyList<Label> Labels, IReadOnlyList<Label> Metadata,
    long Time);

/// <summary>What a test did.</summary>
/// <param name="Entries">By destination in file order, and in order of arrival.</param>
/// <param name="Drops">Dropped lines by reason.</param>
/// <param name="Problem">Why it could not be run; "" when it could.</param>
public sealed record TestOutcome(
    IReadOnlyList<ObservedEntry> Entries, IReadOnlyDictionary<string, long> Drops, string Problem)
{
    /// <summary>It could not be run.</summary>
    public static TestOutcome Failed(string problem) => new([], new Dictionary<string, long>(), problem);
}
