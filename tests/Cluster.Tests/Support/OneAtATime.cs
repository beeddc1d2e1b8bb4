// Real processes, engines and kills: side by side on two cores they would only time each other out.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
